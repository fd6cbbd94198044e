# calyptenora_embed_text(<target> <output.cpp> <namespace> <function> FILES ...)
# Compiles text files into the program. Generates
#   std::span<const std::pair<std::string_view, std::string_view>> <namespace>::<function>();   (file name, contents)
function(calyptenora_embed_text target output namespace function)
  cmake_parse_arguments(ARG "" "" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${output})
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAMESPACE=${namespace} -DFUNCTION=${function} "-DFILES=${ARG_FILES}"
            -P ${CMAKE_SOURCE_DIR}/core/build/embed_text.cmake
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    DEPENDS ${ARG_FILES} ${CMAKE_SOURCE_DIR}/core/build/embed_text.cmake
    COMMENT "Embedding ${output}" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

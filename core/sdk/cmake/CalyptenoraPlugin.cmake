# calyptenora_add_plugin(NAME <name> FAMILY <family> SOURCES <file>... [LIBRARIES <target>...] [MANIFEST <plugin.yaml>] [HEADER_ONLY_C])
#
# Builds the plugin <family>/<name> as <build>/plugins/<family>/<name>/<name>.so, with plugin.yaml beside it and inside
# it. The variable CALYPTENORA_PLUGIN_OUTPUT_DIRECTORY names another folder than <build>/plugins. One symbol is exported, calyptenora_plugin. LIBRARIES may name system libraries of the list in the SDK's README;
# anything else must be linked in statically.
#   HEADER_ONLY_C   the plugin uses plugin.h alone, in C: nothing of the C++ SDK is linked.
# A function sees the variables of its caller; this one must be seen from everywhere.
set(CALYPTENORA_PLUGIN_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "Where the SDK keeps what plugins are built with")

function(calyptenora_add_plugin)
  cmake_parse_arguments(ARG "HEADER_ONLY_C" "NAME;FAMILY;MANIFEST" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_NAME OR NOT ARG_FAMILY OR NOT ARG_SOURCES)
    message(FATAL_ERROR "calyptenora_add_plugin needs NAME, FAMILY and SOURCES")
  endif()
  if(NOT ARG_FAMILY MATCHES "^(auth|payments|video|analytics|support)$")
    message(FATAL_ERROR "calyptenora_add_plugin: unknown family \"${ARG_FAMILY}\"; "
                        "families are auth, payments, video, analytics, support")
  endif()
  if(NOT ARG_MANIFEST)
    set(ARG_MANIFEST plugin.yaml)
  endif()
  get_filename_component(CALYPTENORA_MANIFEST ${ARG_MANIFEST} ABSOLUTE)
  if(NOT EXISTS ${CALYPTENORA_MANIFEST})
    message(FATAL_ERROR "calyptenora_add_plugin(${ARG_FAMILY}/${ARG_NAME}): there is no manifest ${CALYPTENORA_MANIFEST}")
  endif()

  set(target plugin_${ARG_FAMILY}_${ARG_NAME})
  set(identity ${CMAKE_CURRENT_BINARY_DIR}/${target}_identity.c)
  # Its hash stands in the source: compiler caches do not look into what the assembler includes.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CALYPTENORA_MANIFEST})
  file(SHA256 ${CALYPTENORA_MANIFEST} CALYPTENORA_MANIFEST_HASH)
  configure_file(${CALYPTENORA_PLUGIN_CMAKE_DIR}/plugin_identity.c.in ${identity} @ONLY)
  set_source_files_properties(${identity} PROPERTIES OBJECT_DEPENDS ${CALYPTENORA_MANIFEST})

  # As the workers that load it; of this project's own build alone.
  set(CALYPTENORA_UNSANITIZED ${CALYPTENORA_UNSANITIZED_WORKERS})
  add_library(${target} MODULE ${ARG_SOURCES} ${identity})
  set(plugins ${CMAKE_BINARY_DIR}/plugins)
  if(CALYPTENORA_PLUGIN_OUTPUT_DIRECTORY)
    set(plugins ${CALYPTENORA_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  set(folder ${plugins}/${ARG_FAMILY}/${ARG_NAME})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${ARG_NAME} LIBRARY_OUTPUT_DIRECTORY ${folder}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${CALYPTENORA_PLUGIN_CMAKE_DIR}/plugin.map)
  target_link_libraries(${target} PRIVATE calyptenora::sdk ${ARG_LIBRARIES})
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${CALYPTENORA_PLUGIN_CMAKE_DIR}/plugin.map -Wl,-z,now -Wl,-z,noexecstack)
  if(NOT CALYPTENORA_SANITIZE)
    # A sanitizer's runtime is in the program that loads the plugin.
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A unique symbol would pin the library in memory for ever. clang makes none.
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
  endif()
  if(NOT ARG_HEADER_ONLY_C)
    if(NOT TARGET calyptenora_sdk_json)
      add_library(calyptenora_sdk_json STATIC ${CALYPTENORA_PLUGIN_CMAKE_DIR}/json.cpp)
      set_target_properties(calyptenora_sdk_json PROPERTIES
        POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
      target_link_libraries(calyptenora_sdk_json PUBLIC calyptenora::sdk)
    endif()
    target_link_libraries(${target} PRIVATE calyptenora_sdk_json)
    target_compile_features(${target} PRIVATE cxx_std_20)
  endif()
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${CALYPTENORA_MANIFEST} ${folder}/plugin.yaml)
endfunction()

# How this project declares its own targets. Every library, program and test goes
# through these functions, so that warnings, precompiled headers and sanitizers are the same everywhere
# (a precompiled header can only be shared by targets with equal options).
include(CheckCXXCompilerFlag)

option(CALYPTENORA_WERROR "Treat warnings as errors" ON)
set(CALYPTENORA_SANITIZE "" CACHE STRING "Sanitizers for all targets, e.g. address,undefined or thread")

add_library(calyptenora_options INTERFACE)
target_compile_options(calyptenora_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough
  $<$<BOOL:${CALYPTENORA_WERROR}>:-Werror>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-fpch-instantiate-templates>)
# Asio and Beast are compiled once, in the target calyptenora_asio.
target_compile_definitions(calyptenora_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE SPDLOG_FMT_EXTERNAL)
# What is found ends the program, so that no test passes over it.
#
# ThreadSanitizer cannot be where a worker confines itself: it has a second thread, and then there is no user namespace
# of one's own. Workers have one thread, so nothing is lost: their program and the plugins are built without it.
define_property(TARGET PROPERTY CALYPTENORA_UNSANITIZED INITIALIZE_FROM_VARIABLE CALYPTENORA_UNSANITIZED)
if(CALYPTENORA_SANITIZE)
  set(sanitized $<NOT:$<BOOL:$<TARGET_PROPERTY:CALYPTENORA_UNSANITIZED>>>)
  add_compile_options(
    "$<${sanitized}:-fsanitize=${CALYPTENORA_SANITIZE};-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
  add_link_options("$<${sanitized}:-fsanitize=${CALYPTENORA_SANITIZE}>")
endif()
if(CALYPTENORA_SANITIZE MATCHES "thread")
  set(CALYPTENORA_UNSANITIZED_WORKERS ON)
  # Asio lets go of its last reference behind a fence, which ThreadSanitizer does not see; Boost's own counter has none.
  target_compile_definitions(calyptenora_options INTERFACE BOOST_ASIO_DISABLE_STD_ATOMIC)
endif()

# calyptenora_library(<folder> SOURCES ... [LINK ...] [PRIVATE ...] [NO_PCH])
# The static library calyptenora_<folder> of core/<folder>; headers are found as "folder/file.hpp".
function(calyptenora_library name)
  cmake_parse_arguments(ARG "NO_PCH" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(calyptenora_${name} STATIC ${ARG_SOURCES})
  target_include_directories(calyptenora_${name} PUBLIC ${CMAKE_SOURCE_DIR}/core)
  target_link_libraries(calyptenora_${name} PUBLIC calyptenora_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  if(NOT ARG_NO_PCH)
    calyptenora_share_pch(calyptenora_${name})
  endif()
endfunction()

# Lets a target use the one precompiled header of the project.
function(calyptenora_share_pch target)
  target_link_libraries(${target} PUBLIC calyptenora_asio)
  target_precompile_headers(${target} REUSE_FROM calyptenora_pch)
endfunction()

# calyptenora_test(<name> SOURCES ... LINK ... [TIMEOUT seconds] [LABELS ...])
# One GoogleTest program; ctest sees it as one test, its cases appear in its output.
function(calyptenora_test name)
  cmake_parse_arguments(ARG "NO_PCH" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/core ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name}_test PRIVATE calyptenora_options ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name}_test PRIVATE
    CALYPTENORA_SOURCE_DIR="${CMAKE_SOURCE_DIR}" CALYPTENORA_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(NOT ARG_NO_PCH)
    calyptenora_share_pch(${name}_test)
  endif()
  add_test(NAME ${name} COMMAND ${name}_test)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# calyptenora_compile_fail_test(<name> <source>): the source holds numbered cases behind `#if CASE == n`. Case 0 must
# compile; every other must not. One test a case, and the number of cases is read from the file.
function(calyptenora_compile_fail_test name source)
  get_filename_component(source ${source} ABSOLUTE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(STRINGS ${source} cases REGEX "^#(el)?if CASE == [0-9]+")
  set(command ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only
    -I${CMAKE_SOURCE_DIR}/core -I${CMAKE_SOURCE_DIR}/core/sdk/include ${source})
  foreach(line IN LISTS cases)
    string(REGEX REPLACE "^#(el)?if CASE == ([0-9]+).*" "\\2" number ${line})
    add_test(NAME compile_fail_${name}_${number} COMMAND ${command} -DCASE=${number})
    if(NOT number EQUAL 0)
      set_tests_properties(compile_fail_${name}_${number} PROPERTIES WILL_FAIL ON)
    endif()
  endforeach()
endfunction()

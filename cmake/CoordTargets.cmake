# The two target kinds of the project and the compiler settings that all of them share.

find_program(COORD_CCACHE ccache)
if(COORD_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${COORD_CCACHE})
endif()
find_program(COORD_MOLD mold)

add_library(coord_options INTERFACE)
target_include_directories(coord_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(coord_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns of overlaps inside its own std::string (GCC bug 105651).
  target_compile_options(coord_options INTERFACE -Wno-restrict)
endif()
if(COORD_WERROR)
  target_compile_options(coord_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(coord_options INTERFACE -Wthread-safety)
endif()
if(COORD_SANITIZE)
  target_compile_options(coord_options INTERFACE
    -fsanitize=${COORD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(coord_options INTERFACE -fsanitize=${COORD_SANITIZE})
endif()
if(COORD_MOLD)
  target_link_options(coord_options INTERFACE -fuse-ld=mold)
endif()

# coord_library(NAME SOURCES ... HEADERS ... DEPS ... PRIVATE_DEPS ...)
# A static library of one folder. Its headers are listed so that each is compiled alone by the
# target all_verify_interface_header_sets.
function(coord_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;DEPS;PRIVATE_DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${name} PRIVATE ${ARG_PRIVATE_DEPS})
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src
                                  FILES ${ARG_HEADERS})
  target_link_libraries(${name} ${scope} coord_options ${ARG_DEPS})
endfunction()

# coord_program(NAME SOURCES ... DEPS ...)
function(coord_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE coord_options ${ARG_DEPS})
endfunction()

# coord_test(NAME SOURCES ... DEPS ... LABELS ... TIMEOUT seconds)
# A GoogleTest program whose cases are registered with CTest one by one.
function(coord_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE coord_options ${ARG_DEPS} GTest::gmock_main)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

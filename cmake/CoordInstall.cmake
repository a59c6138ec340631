# What `cmake --install` puts where: the programs, and their manual pages and bash completion, which
# the build makes from what each program says to --help. All of it is the component `runtime`.
include(GNUInstallDirs)

set(made)
set(generators ${CMAKE_SOURCE_DIR}/scripts/manual)
file(GLOB generator_sources CONFIGURE_DEPENDS ${generators}/*)

# coord_make_from_help(PROGRAM GENERATOR OUTPUT [ARGUMENT])
# The build writes OUTPUT, below share/ beside bin/, with a generator of scripts/manual.
function(coord_make_from_help program generator output)
  set(file ${CMAKE_BINARY_DIR}/share/${output})
  cmake_path(GET file PARENT_PATH folder)
  add_custom_command(
    OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${generators}/${generator} $<TARGET_FILE:${program}> ${ARGN} > ${file}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${file}.new ${file}
    DEPENDS ${program} ${generator_sources}
    VERBATIM)
  set(made ${made} ${file} PARENT_SCOPE)
endfunction()

# coord_install(PROGRAM SECTION)
# Installs a program with its page in that section of the manual and its completion.
macro(coord_install program section)
  set(page man/man${section}/${program}.${section})
  set(completion bash-completion/completions/${program})
  coord_make_from_help(${program} make-page ${page} ${section})
  coord_make_from_help(${program} make-completion ${completion})
  install(TARGETS ${program} RUNTIME COMPONENT runtime)
  install(FILES ${CMAKE_BINARY_DIR}/share/${page}
          DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT runtime)
  install(FILES ${CMAKE_BINARY_DIR}/share/${completion}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT runtime)
endmacro()

coord_install(coordinate 1)
coord_install(coordbench 1)
coord_install(coordinated 8)
add_custom_target(manual ALL DEPENDS ${made})

# The C++ library for other projects: one archive of all that it needs of this one, its headers, and
# what find_package(Coordinate) reads. `cmake --install BUILD --component development` installs it.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(parts
  coord_client coord_dispatch coord_rest_store coord_sqlite_store coord_memory_store coord_engine
  coord_rest coord_domain coord_json coord_value coord_net coord_connect coord_base)
set(archive ${CMAKE_BINARY_DIR}/lib/libcoordinate.a)

# As ar takes it from its standard input.
list(TRANSFORM parts REPLACE "(.+)" "ADDLIB $<TARGET_FILE:\\1>" OUTPUT_VARIABLE lines)
list(JOIN lines "\n" lines)
set(script ${CMAKE_BINARY_DIR}/lib/libcoordinate.mri)
file(GENERATE OUTPUT ${script} CONTENT "CREATE ${archive}\n${lines}\nSAVE\nEND\n")
add_custom_command(
  OUTPUT ${archive}
  COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
  COMMAND ${CMAKE_AR} -M < ${script}
  DEPENDS ${parts} ${script}
  VERBATIM)
add_custom_target(coordinate_archive ALL DEPENDS ${archive})

# What its package needs besides a compiler: what CoordinateConfig.cmake.in finds.
set(COORD_DEVELOPMENT_DEPENDS
    "libboost-json1.81-dev, libabsl-dev, libfmt-dev, libsqlite3-dev, libstdc++-12-dev")

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Coordinate)
configure_package_config_file(
  ${CMAKE_SOURCE_DIR}/cmake/CoordinateConfig.cmake.in ${CMAKE_BINARY_DIR}/CoordinateConfig.cmake
  INSTALL_DESTINATION ${package_folder}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(
  ${CMAKE_BINARY_DIR}/CoordinateConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(FILES ${COORD_PUBLIC_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/coordinate
        COMPONENT development)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples/cpp
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/coordinate/examples COMPONENT development)
install(FILES ${CMAKE_BINARY_DIR}/CoordinateConfig.cmake
              ${CMAKE_BINARY_DIR}/CoordinateConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT development)

# The Debian packages, which packaging/build has CPack make: one for each component that something is
# installed under. Read after all that installs.
set(packaging ${CMAKE_SOURCE_DIR}/packaging)
set(COORD_PACKAGE_CONTACT "The Coordinate authors <coordinate@localhost>" CACHE STRING
    "Maintainer of the Debian packages; those who pass them on put their own here")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT ${COORD_PACKAGE_CONTACT})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # CPack would put it before each package's own
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/CoordCompressDocs.cmake)

# What changed, as Debian's tools read it; for people there is CHANGELOG.md. SOURCE_DATE_EPOCH sets
# the date.
set(COORD_PACKAGE_VERSION ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
string(TIMESTAMP COORD_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${packaging}/debian/changelog.in ${CMAKE_BINARY_DIR}/changelog.Debian @ONLY)

# coord_install_for_package(COMPONENT FOLDER FILE [RENAME name])
# Installs a file that a package has and `cmake --install` by itself leaves out.
function(coord_install_for_package component folder file)
  install(FILES ${file} DESTINATION ${folder} COMPONENT ${component} EXCLUDE_FROM_ALL ${ARGN})
endfunction()

# coord_package(COMPONENT NAME SECTION section DESCRIPTION lines... [ARCHITECTURE all]
#               [DEPENDS packages])
# Makes a component a package. Of packaging/debian/NAME the maintainer scripts and the list of
# configuration files go into it, and what lintian finds and may.
macro(coord_package component name)
  cmake_parse_arguments(PACKAGE "" "SECTION;ARCHITECTURE;DEPENDS" "DESCRIPTION" ${ARGN})
  string(TOUPPER ${component} id)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_DEBIAN_${id}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${id}_PACKAGE_SECTION ${PACKAGE_SECTION})
  set(CPACK_DEBIAN_${id}_PACKAGE_DEPENDS ${PACKAGE_DEPENDS})
  list(JOIN PACKAGE_DESCRIPTION "\n" CPACK_DEBIAN_${id}_DESCRIPTION)
  if(PACKAGE_ARCHITECTURE)
    set(CPACK_DEBIAN_${id}_PACKAGE_ARCHITECTURE ${PACKAGE_ARCHITECTURE})
  endif()
  set(CPACK_DEBIAN_${id}_PACKAGE_CONTROL_EXTRA)
  foreach(control conffiles postinst prerm postrm)
    if(EXISTS ${packaging}/debian/${name}/${control})
      list(APPEND CPACK_DEBIAN_${id}_PACKAGE_CONTROL_EXTRA ${packaging}/debian/${name}/${control})
    endif()
  endforeach()
  coord_install_for_package(${component} share/doc/${name} ${packaging}/debian/copyright)
  coord_install_for_package(${component} share/doc/${name} ${CMAKE_BINARY_DIR}/changelog.Debian)
  coord_install_for_package(${component} share/doc/${name} ${CMAKE_SOURCE_DIR}/CHANGELOG.md
                            RENAME changelog)
  if(EXISTS ${packaging}/debian/${name}/lintian-overrides)
    coord_install_for_package(${component} share/lintian/overrides
                              ${packaging}/debian/${name}/lintian-overrides RENAME ${name})
  endif()
endmacro()

get_cmake_property(components COMPONENTS)
if(development IN_LIST components)
  coord_package(development libcoordinate-dev
    SECTION libdevel
    DEPENDS "${COORD_DEVELOPMENT_DEPENDS}"
    DESCRIPTION
      "C++ library of the Coordinate job queue"
      "Coordinate keeps millions of work units and hands them to workers for a"
      "limited time. This package has the headers, the static libraries and the"
      "CMake package to write clients and workers in C++.")
endif()

coord_install_for_package(runtime /lib/systemd/system ${packaging}/coordinated.service)
coord_install_for_package(runtime /etc/coordinate ${packaging}/coordinated.yaml)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
coord_package(runtime coordinate
  SECTION net
  DEPENDS adduser
  DESCRIPTION
    "job queue for very large batch loads"
    "Coordinate keeps millions of work units and hands them to workers for a"
    "limited time, takes them back when a worker dies, and turns the output of"
    "one step into the work of the next. This package has the daemon as a"
    "service, the command line, and a load generator.")

# The wheel, unpacked: the package and what tools like pip want to know of it.
add_custom_target(python_dists
  COMMAND ${packaging}/python-dists ${CMAKE_BINARY_DIR}/python
  COMMENT "Building the Python wheel and source distribution"
  VERBATIM)
install(DIRECTORY ${CMAKE_BINARY_DIR}/python/unpacked/ DESTINATION lib/python3/dist-packages
        COMPONENT python EXCLUDE_FROM_ALL)
install(PROGRAMS ${packaging}/coordinate-worker DESTINATION bin COMPONENT python EXCLUDE_FROM_ALL)
coord_install_for_package(python share/man/man1 ${packaging}/coordinate-worker.1)
coord_package(python python3-coordinate
  SECTION python
  ARCHITECTURE all
  DEPENDS "python3 (>= 3.9), python3-cbor2 (>= 5.4), python3-yaml (>= 5.3)"
  DESCRIPTION
    "Python client and worker of the Coordinate job queue"
    "Coordinate keeps millions of work units and hands them to workers for a"
    "limited time. This package has a client, the same for asyncio, and"
    "coordinate-worker, which runs the Python functions that work specs name.")

include(CPack)

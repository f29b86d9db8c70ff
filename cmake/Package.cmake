# What `cmake --install` puts where: the program, its data (share/dovetail: configs, plots, the script for torch), and the
# libraries with the CMake package "dovetail".
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/dovetail)

install(TARGETS dovetail RUNTIME)
if(TARGET dovetail_mpi)
  install(TARGETS dovetail_mpi LIBRARY DESTINATION ${CMAKE_INSTALL_BINDIR})  # it is looked for beside the program
endif()
if(TARGET dovetail_service)
  install(TARGETS dovetail_service RUNTIME)  # this too
endif()
if(TARGET dovetail_trainer)
  install(TARGETS dovetail_trainer RUNTIME)
endif()
install(DIRECTORY configs plots DESTINATION ${CMAKE_INSTALL_DATADIR}/dovetail PATTERN __pycache__ EXCLUDE)
install(FILES python/dovetail_torch.py DESTINATION ${CMAKE_INSTALL_DATADIR}/dovetail/python)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

# What the program says of itself, for shells and readers; manual pages where help2man is.
find_program(HELP2MAN help2man)
install(CODE "
  set(share \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}\")
  foreach(place bash:bash-completion/completions/dovetail zsh:zsh/vendor-completions/_dovetail
                fish:fish/vendor_completions.d/dovetail.fish)
    string(REPLACE \":\" \";\" place \"\${place}\")
    list(GET place 0 shell)
    list(GET place 1 file)
    cmake_path(GET file PARENT_PATH folder)
    file(MAKE_DIRECTORY \"\${share}/\${folder}\")
    execute_process(COMMAND \"$<TARGET_FILE:dovetail>\" completion \${shell}
                    OUTPUT_FILE \"\${share}/\${file}\" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  if(NOT \"${HELP2MAN}\" MATCHES NOTFOUND)
    execute_process(COMMAND sh \"${PROJECT_SOURCE_DIR}/scripts/man_pages.sh\" \"$<TARGET_FILE:dovetail>\"
                            \"\${share}/man/man1\" COMMAND_ERROR_IS_FATAL ANY)
  endif()")

install(TARGETS dovetail_onnx dovetail_systemc dovetail_hdf5 dovetail_nlopt EXPORT dovetail)
install(EXPORT dovetail NAMESPACE dovetail:: DESTINATION ${package_folder} COMPONENT Development)
configure_package_config_file(cmake/dovetailConfig.cmake.in ${PROJECT_BINARY_DIR}/dovetailConfig.cmake
  INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dovetailConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dovetailConfig.cmake ${PROJECT_BINARY_DIR}/dovetailConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT Development)

# A Debian package of the program and its data: cpack -G DEB in the folder of a build. What it depends
# on is read from the program itself (dpkg-shlibdeps).
set(CPACK_PACKAGE_NAME dovetail)
set(CPACK_PACKAGE_CONTACT "The Dovetail authors")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_COMPONENTS_ALL Unspecified)  # without headers and libraries
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3-matplotlib, python3-sklearn")  # plot, report
include(CPack)

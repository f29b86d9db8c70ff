# What `cmake --install` puts where: the program, its data (share/dovetail: configs, plots), and the
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
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(TARGETS dovetail_onnx dovetail_systemc dovetail_hdf5 dovetail_nlopt EXPORT dovetail)
install(EXPORT dovetail NAMESPACE dovetail:: DESTINATION ${package_folder} COMPONENT Development)
configure_package_config_file(cmake/dovetailConfig.cmake.in ${PROJECT_BINARY_DIR}/dovetailConfig.cmake
  INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dovetailConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dovetailConfig.cmake ${PROJECT_BINARY_DIR}/dovetailConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT Development)

# Third-party libraries, all from Debian 12. docs/dependencies.md says why each is here.
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost 1.74 REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C HL)
find_package(SQLite3 REQUIRED)

# The targets of ONNX's package want protobuf's to exist.
find_package(Protobuf REQUIRED MODULE)
find_package(ONNX REQUIRED CONFIG)
add_library(dovetail_onnx INTERFACE)
target_link_libraries(dovetail_onnx INTERFACE onnx protobuf::libprotobuf)

pkg_check_modules(SYSTEMC REQUIRED systemc)
add_library(dovetail_systemc INTERFACE)
target_include_directories(dovetail_systemc SYSTEM INTERFACE ${SYSTEMC_INCLUDE_DIRS})
target_link_libraries(dovetail_systemc INTERFACE ${SYSTEMC_LINK_LIBRARIES})
# The packaged library was built as C++17; its version symbol carries the standard, so C++20 code
# does not link unless it is told which one the library has.
target_compile_definitions(dovetail_systemc INTERFACE SC_CPLUSPLUS=201703L)
# The library wants sc_main(), which sim/tlm/accelerator.cpp has; take it from there even into a
# program that uses nothing else of the model.
target_link_options(dovetail_systemc INTERFACE LINKER:--undefined=sc_main)

add_library(dovetail_hdf5 INTERFACE)
target_include_directories(dovetail_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
target_link_libraries(dovetail_hdf5 INTERFACE ${HDF5_C_LIBRARIES} ${HDF5_C_HL_LIBRARIES})

# Only the comparison of surrogates uses it, and does without it.
option(DOVETAIL_XGBOOST "Boosted trees among the models of compare-surrogates" ON)
if(DOVETAIL_XGBOOST)
  pkg_check_modules(XGBOOST QUIET IMPORTED_TARGET xgboost)
  if(NOT XGBOOST_FOUND)
    message(STATUS "XGBoost (Debian: libxgboost-dev) was not found: compare-surrogates leaves boosted trees out")
  endif()
endif()

# Only label on the ranks of an MPI job uses it; without it the program is complete on one machine.
option(DOVETAIL_MPI "Labelling on the ranks of an MPI job" ON)
if(DOVETAIL_MPI)
  find_package(MPI QUIET COMPONENTS C)
  find_package(Boost 1.74 QUIET OPTIONAL_COMPONENTS mpi)
  if(NOT TARGET MPI::MPI_C OR NOT TARGET Boost::mpi)
    message(FATAL_ERROR
      "MPI or Boost.MPI was not found (Debian: libopenmpi-dev, libboost-mpi-dev, openmpi-bin; "
      "scripts/install_deps.sh installs them). -DDOVETAIL_MPI=OFF builds without: label then "
      "works on one machine only")
  endif()
endif()

# Only dovetail_service uses it, the program behind `dovetail serve` and --service.
option(DOVETAIL_SERVICE "Simulation as a service (gRPC)" ON)
if(DOVETAIL_SERVICE)
  include(cmake/Grpc.cmake)
endif()

find_package(ZLIB REQUIRED)

# Only dovetail_trainer uses it, a program that runs while networks are trained.
option(DOVETAIL_TRAINING "Training of networks (libtorch)" ON)
if(DOVETAIL_TRAINING)
  include(cmake/Torch.cmake)
endif()

# pagmo's CMake package drags its own Boost lookup in; only its hypervolume is wanted.
find_package(pagmo REQUIRED)

pkg_check_modules(NLOPT REQUIRED nlopt)
add_library(dovetail_nlopt INTERFACE)
target_include_directories(dovetail_nlopt SYSTEM INTERFACE ${NLOPT_INCLUDE_DIRS})
target_link_libraries(dovetail_nlopt INTERFACE ${NLOPT_LINK_LIBRARIES})

# gRPC and what makes C++ of a .proto file.
find_package(gRPC QUIET CONFIG)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin)
if(NOT TARGET gRPC::grpc++ OR NOT GRPC_CPP_PLUGIN)
  message(FATAL_ERROR
    "gRPC was not found (Debian: libgrpc++-dev, protobuf-compiler-grpc; scripts/install_deps.sh installs them). "
    "-DDOVETAIL_SERVICE=OFF builds without: dovetail then simulates on this machine only")
endif()

# dovetail_grpc_library(NAME PROTO): a static library of the messages and the service of a .proto file,
# whose headers are included by their path in the source tree.
function(dovetail_grpc_library name proto)
  cmake_path(REMOVE_EXTENSION proto OUTPUT_VARIABLE stem)
  set(folder ${PROJECT_BINARY_DIR}/generated)
  set(made ${folder}/${stem}.pb.cc ${folder}/${stem}.pb.h ${folder}/${stem}.grpc.pb.cc ${folder}/${stem}.grpc.pb.h)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${made} VERBATIM
    COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${folder} --grpc_out=${folder}
            --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} ${PROJECT_SOURCE_DIR}/${proto}
    DEPENDS ${PROJECT_SOURCE_DIR}/${proto})
  add_library(${name} STATIC ${made})
  target_include_directories(${name} SYSTEM PUBLIC ${folder})
  target_link_libraries(${name} PUBLIC gRPC::grpc++ protobuf::libprotobuf)
endfunction()

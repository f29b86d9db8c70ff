# libtorch as dovetail_torch. Its own CMake package looks for much that is not needed, such as a CUDA compiler;
# one that is not Debian's is taken through CMAKE_PREFIX_PATH, of a Python wheel the folder "torch".
find_path(TORCH_INCLUDE_DIR ATen/ATen.h)
find_path(TORCH_API_INCLUDE_DIR torch/version.h PATH_SUFFIXES include/torch/csrc/api/include torch/csrc/api/include)
find_library(TORCH_LIBRARY torch)
find_library(TORCH_CPU_LIBRARY torch_cpu)
find_library(C10_LIBRARY c10)
find_library(TORCH_CUDA_LIBRARY torch_cuda)
find_library(C10_CUDA_LIBRARY c10_cuda)
if(NOT TORCH_INCLUDE_DIR OR NOT TORCH_API_INCLUDE_DIR OR NOT TORCH_CPU_LIBRARY OR NOT C10_LIBRARY)
  message(FATAL_ERROR
    "libtorch was not found (Debian: libtorch-dev, libopenblas0-openmp; scripts/install_deps.sh installs "
    "them). -DDOVETAIL_TRAINING=OFF builds without: networks can then not be trained, all else works")
endif()
add_library(dovetail_torch INTERFACE)
target_include_directories(dovetail_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIR} ${TORCH_API_INCLUDE_DIR})
set(torch_libraries ${TORCH_LIBRARY} ${TORCH_CPU_LIBRARY} ${C10_LIBRARY})
if(TORCH_CUDA_LIBRARY AND C10_CUDA_LIBRARY)
  list(APPEND torch_libraries ${TORCH_CUDA_LIBRARY} ${C10_CUDA_LIBRARY})
endif()
# Its operators register themselves when it is loaded: no symbol asks for them.
target_link_libraries(dovetail_torch INTERFACE
  -Wl,--push-state,--no-as-needed ${torch_libraries} -Wl,--pop-state)

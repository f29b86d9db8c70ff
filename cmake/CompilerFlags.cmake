# Flags every target of the project is built with: link dovetail_flags.
add_library(dovetail_flags INTERFACE)
target_include_directories(dovetail_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(dovetail_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  # false alarms in std::string with g++ 12 (GCC bug 105651)
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # a*b+c is not fused behind our back: the same sources give the same digits at every -march
  -ffp-contract=off)
if(DOVETAIL_WERROR)
  target_compile_options(dovetail_flags INTERFACE -Werror)
endif()
if(DOVETAIL_CPU)
  target_compile_options(dovetail_flags INTERFACE -march=${DOVETAIL_CPU}
    # false alarms in g++ 12's own AVX-512 intrinsics (GCC bug 105593); portable builds keep the warning
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-uninitialized>)
endif()
if(DOVETAIL_SANITIZE)
  target_compile_options(dovetail_flags INTERFACE -fsanitize=${DOVETAIL_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(dovetail_flags INTERFACE -fsanitize=${DOVETAIL_SANITIZE})
  # SystemC switches stacks behind the address sanitizer's back: with stack instrumentation, an
  # exception thrown after a simulation is reported as an error. Heap and globals are checked.
  if(DOVETAIL_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(dovetail_flags INTERFACE --param=asan-stack=0)
  endif()
endif()
if(DOVETAIL_FUZZ)
  target_compile_options(dovetail_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

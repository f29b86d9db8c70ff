# Libraries and test programs are made of all sources of their folders: a new file is built and tested
# without being listed anywhere.

# dovetail_library(NAME FOLDERS folder... [EXCLUDE regex] [PUBLIC target...] [PRIVATE target...])
function(dovetail_library name)
  cmake_parse_arguments(ARG "" "EXCLUDE" "FOLDERS;PUBLIC;PRIVATE" ${ARGN})
  set(patterns)
  foreach(folder ${ARG_FOLDERS})
    list(APPEND patterns "${folder}/*.cpp")
  endforeach()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${patterns})
  if(ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${ARG_EXCLUDE}")
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC dovetail_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

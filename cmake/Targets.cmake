# Libraries and test programs are made of all sources of their folders: a new file is built and tested
# without being listed anywhere. Libraries are installed with their headers and can be used from outside:
#   find_package(dovetail)    target_link_libraries(mine dovetail::sim)
include(GNUInstallDirs)

# dovetail_library(NAME FOLDERS folder... [EXCLUDE regex] [PUBLIC target...] [PRIVATE target...]
#                  [HEADERS target...])    libraries that are headers alone, of no interest to users
# makes dovetail_NAME, for users dovetail::NAME.
function(dovetail_library name)
  cmake_parse_arguments(ARG "" "EXCLUDE" "FOLDERS;PUBLIC;PRIVATE;HEADERS" ${ARGN})
  set(patterns)
  set(header_patterns)
  foreach(folder ${ARG_FOLDERS})
    list(APPEND patterns "${folder}/*.cpp")
    list(APPEND header_patterns "${folder}/*.h")
  endforeach()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${patterns})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${header_patterns})
  if(ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${ARG_EXCLUDE}")
  endif()
  add_library(dovetail_${name} STATIC ${sources})
  add_library(dovetail::${name} ALIAS dovetail_${name})
  # How we compile is nobody else's business; that it is C++20 and where the headers are, is.
  target_link_libraries(dovetail_${name} PUBLIC ${ARG_PUBLIC}
                        PRIVATE $<BUILD_INTERFACE:dovetail_flags> ${ARG_PRIVATE})
  foreach(target ${ARG_HEADERS})
    target_link_libraries(dovetail_${name} PRIVATE $<BUILD_INTERFACE:${target}>)
  endforeach()
  target_compile_features(dovetail_${name} PUBLIC cxx_std_20)
  target_include_directories(dovetail_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/dovetail>)
  set_target_properties(dovetail_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS dovetail_${name} EXPORT dovetail ARCHIVE COMPONENT Development)
  foreach(header ${headers})
    cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE place)
    cmake_path(GET place PARENT_PATH place)
    install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dovetail/${place} COMPONENT Development)
  endforeach()
endfunction()

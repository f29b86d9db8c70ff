# Run by each build (base/CMakeLists.txt): writes the header OUTPUT with the commit of the checkout
# SOURCE, unless it says so already, so that one file is compiled again when the commit is another.
set(commit unknown)
execute_process(COMMAND git rev-parse --show-toplevel WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
file(REAL_PATH "${SOURCE}" source)
# Sources unpacked into a checkout of something else have no commit.
if(failed EQUAL 0 AND top STREQUAL source)
  execute_process(COMMAND git rev-parse --short=12 HEAD WORKING_DIRECTORY ${SOURCE}
                  OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  execute_process(COMMAND git status --porcelain --untracked-files=no WORKING_DIRECTORY ${SOURCE}
                  OUTPUT_VARIABLE changes ERROR_QUIET)
  if(failed EQUAL 0)
    set(commit ${head})
    if(changes)
      string(APPEND commit ", modified")
    endif()
  endif()
endif()

set(content "#define DOVETAIL_COMMIT \"${commit}\"\n")
set(found "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} found)
endif()
if(NOT found STREQUAL content)
  file(WRITE ${OUTPUT} "${content}")
endif()

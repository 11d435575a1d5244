# Asks the gtest program PROGRAM for its suites and writes the ctest file OUT: one test per suite, named
# PREFIX.Suite, under LABEL, run in FOLDER. One per test case would start a sanitized process for each, which takes longer
# than most cases; one per program would neither run in parallel nor answer `ctest -R Suite`.
execute_process(COMMAND ${PROGRAM} --gtest_list_tests WORKING_DIRECTORY ${FOLDER}
                OUTPUT_VARIABLE listed ERROR_VARIABLE said RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --gtest_list_tests ended with ${code}:\n${said}")
endif()

string(REGEX MATCHALL "(^|\n)[A-Za-z0-9_/]+\\." suites "${listed}")
set(text "")
foreach(suite ${suites})
  string(STRIP "${suite}" suite)
  string(REGEX REPLACE "\\.$" "" suite "${suite}")
  string(APPEND text
    "add_test([==[${PREFIX}.${suite}]==] [==[${PROGRAM}]==] [==[--gtest_filter=${suite}.*]==] --gtest_brief=1)\n"
    "set_tests_properties([==[${PREFIX}.${suite}]==] PROPERTIES WORKING_DIRECTORY [==[${FOLDER}]==]"
    " LABELS ${LABEL} TIMEOUT 1200)\n")
endforeach()
file(WRITE ${OUT} "${text}")

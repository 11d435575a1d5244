# A program whose texts do not fit together is not built: cmake -DPROGRAM=tocsin -P CheckTexts.cmake makes every message
# that there is a sample of, in each language. A sentence that is missing, or asks for what nobody says, stops it.
foreach(locale en zh-CN)
  execute_process(COMMAND ${PROGRAM} render --list --locale ${locale} OUTPUT_QUIET ERROR_VARIABLE said RESULT_VARIABLE code)
  if(NOT code STREQUAL "0")
    message(FATAL_ERROR "alerts/messages and alerts/notice_templates do not fit together (${locale}):\n${said}")
  endif()
endforeach()

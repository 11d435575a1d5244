# A program whose texts do not fit together is not built: cmake -DPROGRAM=tocsin -P CheckTexts.cmake renders a mail in
# each language, for which the catalogues must have the same keys and holes, and the templates none that are unknown.
foreach(locale en zh-CN)
  execute_process(COMMAND ${PROGRAM} render --template takeover --locale ${locale} --format eml
                  OUTPUT_QUIET ERROR_VARIABLE said RESULT_VARIABLE code)
  if(NOT code STREQUAL "0")
    message(FATAL_ERROR "alerts/messages and alerts/notice_templates do not fit together (${locale}):\n${said}")
  endif()
endforeach()

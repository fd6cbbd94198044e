# Every rule of decide() must be needed: without it at least two rows of the tables fail. With all rules none does.
execute_process(COMMAND ${FOLDER}/decision_tables ${TABLES} RESULT_VARIABLE failed OUTPUT_VARIABLE output)
message("${output}")
if(NOT failed EQUAL 0)
  message(FATAL_ERROR "the tables fail with all rules in force")
endif()
foreach(rule IN LISTS RULES)
  execute_process(COMMAND ${FOLDER}/decision_tables_without_${rule} ${TABLES}
    RESULT_VARIABLE failed OUTPUT_VARIABLE output)
  message("without ${rule}: ${failed} rows fail")
  if(NOT failed MATCHES "^[0-9]+$" OR failed LESS 2)
    message(SEND_ERROR "the tables do not need the rule ${rule}")
  endif()
endforeach()

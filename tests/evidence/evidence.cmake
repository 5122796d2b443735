# SPDX-License-Identifier: Apache-2.0
# Tests of the whole tool on whole inputs. Exit status 77 means: skipped, and it says why.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(wattrail $<TARGET_FILE:wattrail_tool>)

function(evidence_test name)
  add_test(NAME evidence.${name} COMMAND ${ARGN})
  set_tests_properties(evidence.${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900)
endfunction()

evidence_test(install sh ${here}/install.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
if(NOT WATTRAIL_SANITIZE AND NOT WATTRAIL_COVERAGE)
  evidence_test(abi sh ${here}/abi.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
endif()
evidence_test(mqtt_reference ${PYTHON3} -B ${here}/mqtt_reference.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(mqtt_made ${PYTHON3} -B ${here}/mqtt_reference.py --wattrail ${wattrail} --made)
evidence_test(tuya_data ${PYTHON3} -B ${here}/tuya_data.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
foreach(what truth origin same damage)
  evidence_test(captures_${what} ${PYTHON3} -B ${here}/captures.py --wattrail ${wattrail}
                --captures ${PROJECT_SOURCE_DIR}/captures ${what})
endforeach()
if(NOT WATTRAIL_SANITIZE)
  evidence_test(fresh ${PYTHON3} -B ${here}/fresh.py --wattrail ${wattrail} --captures ${PROJECT_SOURCE_DIR}/captures)
  set_tests_properties(evidence.fresh PROPERTIES RUN_SERIAL ON)
endif()
foreach(checker check_truth check_origin check_subset)
  evidence_test(${checker}_self_test ${PYTHON3} -B ${here}/${checker}.py --self-test)
endforeach()
evidence_test(cli ${PYTHON3} -B ${here}/cli.py ${wattrail})

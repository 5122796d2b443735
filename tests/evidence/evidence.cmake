# SPDX-License-Identifier: Apache-2.0
# Tests of the whole tool on whole inputs. Exit status 77 means: skipped, and it says why.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(wattrail $<TARGET_FILE:wattrail_tool>)

function(evidence_test name)
  add_test(NAME evidence.${name} COMMAND ${ARGN})
  set_tests_properties(evidence.${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900)
endfunction()

# The command line without the protocols that TLS may carry: what it opens comes out as bytes.
add_executable(wattrail_plain ${WATTRAIL_TOOLS} ${here}/plain_registry.c)
target_include_directories(wattrail_plain PRIVATE ${PROJECT_SOURCE_DIR}/tools ${PROJECT_SOURCE_DIR}/lib)
target_link_libraries(wattrail_plain PRIVATE wattrail_static wattrail_flags)

evidence_test(install sh ${here}/install.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
if(NOT WATTRAIL_SANITIZE AND NOT WATTRAIL_COVERAGE)
  evidence_test(abi sh ${here}/abi.sh ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
endif()
evidence_test(mqtt_reference ${PYTHON3} -B ${here}/mqtt_reference.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(http_fixtures ${PYTHON3} -B ${here}/http_fixtures.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(http_reference ${PYTHON3} -B ${here}/http_reference.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(tls_decrypt ${PYTHON3} -B ${here}/tls_decrypt.py --plain $<TARGET_FILE:wattrail_plain> --data ${WATTRAIL_DATA})
evidence_test(tls_shipped ${PYTHON3} -B ${here}/tls_decrypt.py --plain $<TARGET_FILE:wattrail_plain>
              --captures ${PROJECT_SOURCE_DIR}/captures)
evidence_test(tls_made ${PYTHON3} -B ${here}/tls_made.py --plain $<TARGET_FILE:wattrail_plain>)
evidence_test(mqtt_made ${PYTHON3} -B ${here}/mqtt_reference.py --wattrail ${wattrail} --made)
evidence_test(coap_reference ${PYTHON3} -B ${here}/coap_reference.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(http_families ${PYTHON3} -B ${here}/http_families.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(kasa_cause ${PYTHON3} -B ${here}/kasa_cause.py --wattrail ${wattrail})
evidence_test(kasa_on_since ${PYTHON3} -B ${here}/kasa_on_since.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(coap_made ${PYTHON3} -B ${here}/coap_reference.py --wattrail ${wattrail} --made)
evidence_test(kasa_data ${PYTHON3} -B ${here}/kasa_data.py --wattrail ${wattrail} --data ${WATTRAIL_DATA}
              --captures ${PROJECT_SOURCE_DIR}/captures)
evidence_test(tuya_data ${PYTHON3} -B ${here}/tuya_data.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(flash_tuya ${PYTHON3} -B ${here}/flash_tuya.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(net_reference ${PYTHON3} -B ${here}/net_reference.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(tls_reference ${PYTHON3} -B ${here}/tls_reference.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(setup_data ${PYTHON3} -B ${here}/setup_data.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(infer_data ${PYTHON3} -B ${here}/infer_data.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
foreach(what truth origin same damage)
  evidence_test(captures_${what} ${PYTHON3} -B ${here}/captures.py --wattrail ${wattrail}
                --captures ${PROJECT_SOURCE_DIR}/captures ${what})
endforeach()
evidence_test(wlan_made ${PYTHON3} -B ${here}/wlan_made.py --wattrail ${wattrail} --captures ${PROJECT_SOURCE_DIR}/captures
              --airdecap)
evidence_test(wlan_reference ${PYTHON3} -B ${here}/wlan_reference.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(vantages ${PYTHON3} -B ${here}/vantages.py --wattrail ${wattrail} --captures ${PROJECT_SOURCE_DIR}/captures)
if(NOT WATTRAIL_SANITIZE)
  evidence_test(fresh ${PYTHON3} -B ${here}/fresh.py --wattrail ${wattrail} --captures ${PROJECT_SOURCE_DIR}/captures)
  set_tests_properties(evidence.fresh PROPERTIES RUN_SERIAL ON)
endif()
foreach(checker check_truth check_origin check_subset)
  evidence_test(${checker}_self_test ${PYTHON3} -B ${here}/${checker}.py --self-test)
endforeach()
evidence_test(listings ${PYTHON3} -B ${here}/listings.py --wattrail ${wattrail} --captures ${PROJECT_SOURCE_DIR}/captures)
evidence_test(sqlite ${PYTHON3} -B ${here}/sqlite.py --wattrail ${wattrail} --captures ${PROJECT_SOURCE_DIR}/captures
              --manual ${PROJECT_SOURCE_DIR}/docs/sqlite.md)
evidence_test(cli ${PYTHON3} -B ${here}/cli.py ${wattrail})
evidence_test(tapo_fixtures ${PYTHON3} -B ${here}/tapo_fixtures.py --wattrail ${wattrail} --data ${WATTRAIL_DATA}
              --captures ${PROJECT_SOURCE_DIR}/captures)
evidence_test(flash_data ${PYTHON3} -B ${here}/flash_data.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(flash_made ${PYTHON3} -B ${here}/flash_data.py --wattrail ${wattrail} --made ${PROJECT_SOURCE_DIR}/captures)
evidence_test(flash_tasmota ${PYTHON3} -B ${here}/flash_tasmota.py --wattrail ${wattrail}
              --captures ${PROJECT_SOURCE_DIR}/captures --data ${WATTRAIL_DATA})
evidence_test(flash_esp ${PYTHON3} -B ${here}/flash_esp.py --wattrail ${wattrail} --data ${WATTRAIL_DATA})
evidence_test(flash_fs ${PYTHON3} -B ${here}/flash_fs.py --wattrail ${wattrail} --data ${WATTRAIL_DATA}
              --captures ${PROJECT_SOURCE_DIR}/captures)

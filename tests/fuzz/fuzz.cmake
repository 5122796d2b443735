# SPDX-License-Identifier: Apache-2.0
# Fuzz targets: with libFuzzer where that is asked for, else with a driver that replays the committed corpus,
# so that each seed is a regression test.
file(GLOB fuzz_targets CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/fuzz_*.c)
add_custom_target(fuzz_targets)
foreach(source IN LISTS fuzz_targets)
  get_filename_component(name ${source} NAME_WE)
  string(REPLACE "fuzz_" "" topic ${name})
  set(corpus ${CMAKE_CURRENT_LIST_DIR}/corpus/${topic})
  add_executable(${name} ${source})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/lib ${PROJECT_SOURCE_DIR}/tests/unit)
  target_link_libraries(${name} PRIVATE wattrail_static wattrail_flags)
  add_dependencies(fuzz_targets ${name})
  if(WATTRAIL_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${topic}) # new inputs go here, not into the committed corpus
    file(MAKE_DIRECTORY ${found})
    add_test(NAME fuzz.${topic} COMMAND ${name} -runs=10000 -max_total_time=4 -seed=1 ${found} ${corpus})
  else()
    target_sources(${name} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/replay.c)
    add_test(NAME fuzz.${topic} COMMAND ${name} ${corpus})
  endif()
endforeach()

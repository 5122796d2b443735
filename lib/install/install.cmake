# SPDX-License-Identifier: Apache-2.0
# What an installed tree holds: libraries, headers, pkg-config and CMake packages, the tool, manual pages and
# completion.
install(TARGETS wattrail_shared wattrail_static EXPORT wattrail LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS wattrail_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${WATTRAIL_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/wattrail)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/wattrail)
install(EXPORT wattrail NAMESPACE wattrail:: FILE wattrail-targets.cmake DESTINATION ${package_dir})
configure_package_config_file(lib/install/wattrail-config.cmake.in wattrail-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(wattrail-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/wattrail-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/wattrail-config-version.cmake DESTINATION ${package_dir})

# Relative to the file itself, so that a tree installed elsewhere works as it is.
file(RELATIVE_PATH WATTRAIL_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(lib/install/wattrail.pc.in wattrail.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/wattrail.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES ${WATTRAIL_SIGNATURES} DESTINATION ${CMAKE_INSTALL_DATADIR}/wattrail/signatures)

file(GLOB manual_pages CONFIGURE_DEPENDS docs/man/*.1)
install(FILES ${manual_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

install(FILES tools/completion/wattrail.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME wattrail)
install(FILES tools/completion/_wattrail DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES tools/completion/wattrail.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

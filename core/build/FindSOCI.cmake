# SOCI in Debian has neither a CMake config nor a .pc file.
# Defines SOCI::core, SOCI::sqlite3 and SOCI::postgresql.
find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_CORE_LIBRARY soci_core)
find_library(SOCI_SQLITE3_LIBRARY soci_sqlite3)
find_library(SOCI_POSTGRESQL_LIBRARY soci_postgresql)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI REQUIRED_VARS
  SOCI_INCLUDE_DIR SOCI_CORE_LIBRARY SOCI_SQLITE3_LIBRARY SOCI_POSTGRESQL_LIBRARY)

function(_soci_target name library)
  if(NOT TARGET SOCI::${name})
    add_library(SOCI::${name} UNKNOWN IMPORTED)
    set_target_properties(SOCI::${name} PROPERTIES
      IMPORTED_LOCATION "${library}"
      INTERFACE_INCLUDE_DIRECTORIES "${SOCI_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES "${ARGN}")
  endif()
endfunction()

if(SOCI_FOUND)
  _soci_target(core "${SOCI_CORE_LIBRARY}" ${CMAKE_DL_LIBS})
  _soci_target(sqlite3 "${SOCI_SQLITE3_LIBRARY}" SOCI::core SQLite::SQLite3)
  # soci-postgresql.h includes libpq-fe.h, which Debian keeps in a folder of its own.
  _soci_target(postgresql "${SOCI_POSTGRESQL_LIBRARY}" SOCI::core PostgreSQL::PostgreSQL)
endif()

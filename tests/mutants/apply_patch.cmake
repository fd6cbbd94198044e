# cmake -DROOT=<source tree> -DPATCH=<file> -DSOURCE=<path in the tree> -DMUTANT=<file to write> -P apply_patch.cmake
# Writes the broken copy of a source. If the patch does not apply, the copy is whole and a file beside it says why: the
# test is red then, and not the build of everything else.
configure_file(${ROOT}/${SOURCE} ${MUTANT} COPYONLY)
file(REMOVE ${MUTANT}.not_applied)
execute_process(
  COMMAND patch --batch --silent --forward --fuzz=1 --reject-file=- --no-backup-if-mismatch ${MUTANT} ${PATCH}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  configure_file(${ROOT}/${SOURCE} ${MUTANT} COPYONLY)
  file(TOUCH ${MUTANT})
  file(WRITE ${MUTANT}.not_applied "${output}")
endif()

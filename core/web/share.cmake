# cmake -DSOURCE=core/web -DSHARE=build/<preset>/share -P share.cmake
# Copies what the server reads at start. Fonts and the video player are npm packages with exact versions.
set(modules ${SOURCE}/node_modules)
set(fonts ${modules}/@fontsource-variable)
set(from_npm
  ${fonts}/source-sans-3/files/source-sans-3-latin-wght-normal.woff2
  ${fonts}/source-sans-3/files/source-sans-3-latin-wght-italic.woff2
  ${fonts}/source-serif-4/files/source-serif-4-latin-wght-normal.woff2
  ${fonts}/source-serif-4/files/source-serif-4-latin-wght-italic.woff2)
set(player ${modules}/hls.js/dist/hls.light.min.mjs)
foreach(file ${from_npm} ${player})
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "${file} is missing. Install the browser packages first:\n"
                        "  npm ci --prefix ${SOURCE} --ignore-scripts")
  endif()
endforeach()

file(MAKE_DIRECTORY ${SHARE}/assets)
execute_process(
  COMMAND ${CMAKE_COMMAND} -E cat tokens.css base.css components.css pages.css course.css print.css
  WORKING_DIRECTORY ${SOURCE}/styles OUTPUT_FILE ${SHARE}/assets/site.css COMMAND_ERROR_IS_FATAL ANY)

file(COPY ${SOURCE}/templates ${SOURCE}/texts ${SOURCE}/assets DESTINATION ${SHARE})
file(COPY ${from_npm} DESTINATION ${SHARE}/assets/fonts)
configure_file(${player} ${SHARE}/assets/hls.mjs COPYONLY)

# What is gone from the sources goes from share/ too.
foreach(folder templates texts assets)
  file(GLOB_RECURSE copied RELATIVE ${SHARE}/${folder} ${SHARE}/${folder}/*)
  foreach(file ${copied})
    if(NOT EXISTS ${SOURCE}/${folder}/${file} AND NOT file MATCHES "^fonts/.*-latin-wght-(normal|italic).woff2$"
       AND NOT file MATCHES "^(hls.mjs|site.css)$")
      file(REMOVE ${SHARE}/${folder}/${file})
    endif()
  endforeach()
endforeach()

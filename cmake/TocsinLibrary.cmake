# tocsin_library(NAME [DEPENDS lib...]): one library for a folder, made of every .cc below it but main.cc.
function(tocsin_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(NOT sources)  # CMake refuses a library without a source.
    file(TOUCH ${CMAKE_CURRENT_BINARY_DIR}/empty.cc)
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty.cc)
  endif()
  add_library(tocsin_${name} STATIC ${sources})
  set_target_properties(tocsin_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(tocsin_${name} PUBLIC tocsin_options ${ARG_DEPENDS})
endfunction()

# tocsin_embed(TARGET SYMBOL FILES...): compiles the files into TARGET. `generated/embedded/SYMBOL.h` then declares
# tocsin::embedded::SYMBOL(name) -> text of the file with that name (path relative to the folder), empty when absent.
function(tocsin_embed target symbol)
  set(out ${PROJECT_BINARY_DIR}/generated/embedded)
  set(files ${ARGN})
  add_custom_command(
    OUTPUT ${out}/${symbol}.cc ${out}/${symbol}.h
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DSYMBOL=${symbol} -DROOT=${CMAKE_CURRENT_SOURCE_DIR} "-DFILES=${files}"
            -P ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/Embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out}/${symbol}.cc ${out}/${symbol}.h)
endfunction()

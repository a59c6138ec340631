# embed_text(VARIABLE FILE): sets the variable to C++ string literals that together are the text of a
# file, which is ASCII. Compilers have a limit for the length of one.
function(embed_text variable file)
  file(READ ${file} text)
  string(LENGTH "${text}" size)
  set(literals "")
  set(at 0)
  while(at LESS size)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND literals "R\"embedded(${piece})embedded\"\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  set(${variable} "${literals}" PARENT_SCOPE)
endfunction()

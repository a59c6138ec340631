# Writes a source file with the function OpenApiText(), whose value is the text of a file.
# Usage: cmake -DINPUT=FILE -DOUTPUT=FILE -P embed.cmake
file(READ ${INPUT} text)
string(LENGTH "${text}" size)
set(literals "")
set(at 0)
while(at LESS size)
  string(SUBSTRING "${text}" ${at} 8000 piece)
  string(APPEND literals "R\"embedded(${piece})embedded\"\n")
  math(EXPR at "${at} + 8000")
endwhile()
file(WRITE ${OUTPUT} "#include \"http/openapi.h\"
namespace coord {
std::string_view OpenApiText() {
  static constexpr std::string_view kText =
${literals};
  return kText;
}
}  // namespace coord
")

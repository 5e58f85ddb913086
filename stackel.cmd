@echo off
rem Runs Stackel on Windows: from an unpacked release, or from a checkout that was built with
rem     mvn -DskipTests package
rem Arguments are passed as they are. Exit codes are those of the command.
setlocal DisableDelayedExpansion

set "STACKEL_JAVA="
for %%j in (java.exe) do set "STACKEL_JAVA=%%~$PATH:j"
if defined JAVA_HOME if exist "%JAVA_HOME%\bin\java.exe" set "STACKEL_JAVA=%JAVA_HOME%\bin\java.exe"
if defined STACKEL_JAVA goto library
echo stackel needs Java 17 or newer, and there is no java here.>&2
echo Maybe JAVA_HOME points to nothing, or a JDK is not installed.>&2
exit /b 2

:library
set "STACKEL_LIB=%~dp0lib"
if exist "%STACKEL_LIB%\stackel-cli-*.jar" goto run
set "STACKEL_LIB=%~dp0stackel-cli\target\lib"
if exist "%STACKEL_LIB%\stackel-cli-*.jar" goto run
echo There is no lib\stackel-cli-*.jar beside %~f0.>&2
echo Maybe this is a checkout that must be built first: mvn -DskipTests package>&2
exit /b 2

:run
rem The threads of OpenBLAS fight those of OpenMP.
if not defined OPENBLAS_NUM_THREADS set "OPENBLAS_NUM_THREADS=1"
rem Else every native allocation reads the size of the process; scopes free native memory.
"%STACKEL_JAVA%" -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.maxBytes=0 -Dfile.encoding=UTF-8 -XX:+UseSerialGC -Xshare:auto -XX:Tier4InvocationThreshold=200000 -XX:Tier4MinInvocationThreshold=24000 -XX:Tier4CompileThreshold=600000 -XX:Tier4BackEdgeThreshold=1600000 %STACKEL_JAVA_OPTIONS% -cp "%STACKEL_LIB%\*" org.stackel.cli.Main %*
exit /b %ERRORLEVEL%

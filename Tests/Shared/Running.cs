namespace Streaming.Tests;

/// <summary>Processes of this machine, as <c>/proc</c> tells.</summary>
internal static class Running
{
    /// <summary>Whether one has this among its arguments. One that ended and is not waited for has none.</summary>
    public static bool Of(string argument) => Directory.EnumerateDirectories("/proc").Any(process => ArgumentsOf(process).Contains(argument));

    private static string[] ArgumentsOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

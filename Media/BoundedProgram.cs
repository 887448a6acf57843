using System.Diagnostics;
using System.Text;

namespace Streaming.Media;

/// <summary>Runs a program that is not trusted with more than it needs: no environment, no input, no sockets, few files, an answer of some kilobytes.</summary>
internal static class BoundedProgram
{
    private const int MaxOutput = 16 << 10;

    /// <summary>Runs it to its end; when that takes longer than the caller waits, ends it.</summary>
    /// <param name="files">Null for all that this program's user may open.</param>
    public static async Task<ProgramAnswer> RunAsync(string program, string[] arguments, ReachableFiles? files, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
            WorkingDirectory = Path.GetTempPath(),
        };
        // This program's has secrets in it.
        start.Environment.Clear();
        start.Environment["LC_ALL"] = "C";
        using var process = await SocketFilter.StartAsync(start, files) ?? throw new InvalidOperationException($"{program} could not be started.");
        try
        {
            process.StandardInput.Close();
            var errors = ReadSomeAsync(process.StandardError, cancellationToken);
            var output = await ReadSomeAsync(process.StandardOutput, cancellationToken);
            await errors;
            await process.WaitForExitAsync(cancellationToken);
            return new ProgramAnswer(process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>To its end, and no more than so much of it: what is too talkative is ended, since nobody reads on.</summary>
    private static async Task<string> ReadSomeAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxOutput];
        var length = await reader.ReadBlockAsync(buffer, cancellationToken);
        if (length == MaxOutput)
            reader.Close();

        return new string(buffer, 0, length);
    }
}

internal sealed record ProgramAnswer(int ExitCode, string Output)
{
    public bool IsSuccess => ExitCode == 0;

    /// <summary>By itself: neither by a signal, say of a limit, nor for want of memory (which ffmpeg answers as -ENOMEM), nor before it began.</summary>
    public bool HasEnded => ExitCode is not (126 or 127 or (> 128 and < 160) or 244);
}

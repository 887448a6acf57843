using System.Diagnostics;
using System.Globalization;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>A disk of a few megabytes, for as long as a test runs.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private SmallDisk()
    {
    }

    public string Path => folder.Path;

    /// <summary>Skips the test, or in continuous integration fails it, where nobody may mount one.</summary>
    public static SmallDisk Mount(int megabytes)
    {
        Requirement.That(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Mounting a small disk needs Linux and root.");
        var disk = new SmallDisk();
        var size = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m");
        if (Run("mount", "-t", "tmpfs", "-o", size, "tmpfs", disk.Path) is { Length: > 0 } failure)
        {
            disk.folder.Dispose();
            Requirement.That(false, $"A small disk cannot be mounted here: {failure}");
        }

        return disk;
    }

    public void Dispose()
    {
        // Lazily: a program that was killed may not be gone yet.
        Run("umount", "-l", Path);
        folder.Dispose();
    }

    /// <returns>What it says when it fails.</returns>
    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var failure = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"{program} ended with {process.ExitCode}. {failure}";
    }
}

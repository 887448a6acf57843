using System.Runtime.InteropServices;

namespace Streaming.Users;

/// <summary>Makes a thread give way to the others of its process, which answer in less time than it takes for one hash.</summary>
internal static class LowPriorityThread
{
    private const int Process = 0;
    private const uint Caller = 0;

    // A tenth of what others get where all processors are busy: log-ins go on, and nobody else notices them.
    private const int Niceness = 10;

    /// <summary>For the calling thread. Where it cannot be, the thread is as the others are.</summary>
    public static void Begin()
    {
        // The runtime's own priorities do nothing on Linux, where what this call names a process is one thread.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(Process, Caller, Niceness);
        else
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int value);
}

using System.Runtime.InteropServices;

namespace Streaming.Silo;

/// <summary>Keeps what a program holds and writes from other programs of its own user, the ones that it starts itself among them. Linux alone has both.</summary>
internal static class ProcessPrivacy
{
    private const int SetDumpable = 4;
    private const uint OwnerAlone = 0b000_111_111;

    /// <summary>
    /// Nobody but root can read its memory, its environment or its open files in <c>/proc</c>, nor trace it; and no core of it is written. New files are for its user alone.
    /// </summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux())
            return;

        _ = Prctl(SetDumpable, 0, 0, 0, 0);
        _ = Umask(OwnerAlone);
    }

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint Umask(uint mask);
}

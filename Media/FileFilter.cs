using System.Runtime.InteropServices;

namespace Streaming.Media;

/// <summary>What a program that is not trusted can open of files: folders with all in them, or single files.</summary>
/// <param name="Read">To read, and to run.</param>
/// <param name="Write">Files that are there, to write.</param>
internal sealed record ReachableFiles(IReadOnlyList<string> Read, IReadOnlyList<string> Write);

/// <summary>
/// Keeps a thread, and whatever it starts, from all files but some: Landlock, which needs no privilege and holds in containers too. What is
/// kept so can trace no process outside either, nor read of one in <c>/proc</c> what a tracer could.
/// </summary>
internal static class FileFilter
{
    private const int CreateRuleset = 444;
    private const int AddRule = 445;
    private const int RestrictSelf = 446;
    private const nint AskVersion = 1;
    private const nint BeneathPath = 1;
    private const int OpenPath = 0x20_0000;
    private const int CloseOnExec = 0x8_0000;

    private const ulong Execute = 1 << 0;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadFolder = 1 << 3;
    private const ulong Truncate = 1 << 14;
    private const ulong AllOfFirst = (1 << 13) - 1;
    private const ulong Refer = 1 << 13;

    // What may be left out of a list, as it can be opened by nobody here: ENOENT, EACCES, ENOTDIR.
    private static readonly int[] OutOfReach = [2, 13, 20];

    /// <summary>Whether the system has it; it may still keep it from this program.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && Call(CreateRuleset, 0, 0, AskVersion, 0) > 0;

    /// <summary>For the calling thread, for good, or not at all: a program with fewer files than it needs would tell wrong things of its video.</summary>
    /// <exception cref="InvalidOperationException">The system does not have it, or does not give it now.</exception>
    public static void Install(ReachableFiles files)
    {
        var version = Call(CreateRuleset, 0, 0, AskVersion, 0);
        var handled = AllOfFirst | (version >= 2 ? Refer : 0) | (version >= 3 ? Truncate : 0);
        var ruleset = (int)WithMemory(sizeof(ulong), memory =>
        {
            Marshal.WriteInt64(memory, (long)handled);
            return Call(CreateRuleset, memory, sizeof(ulong), 0, 0);
        });
        Require(ruleset >= 0);
        try
        {
            foreach (var path in files.Read)
                Allow(ruleset, path, Execute | ReadFile | (Directory.Exists(path) ? ReadFolder : 0));

            foreach (var path in files.Write)
                Allow(ruleset, path, WriteFile | ReadFile | (handled & Truncate));

            Require(Call(RestrictSelf, ruleset, 0, 0, 0) == 0);
        }
        finally
        {
            _ = Close(ruleset);
        }
    }

    private static void Allow(int ruleset, string path, ulong access)
    {
        var file = Open(path, OpenPath | CloseOnExec);
        if (file < 0 && OutOfReach.Contains(Marshal.GetLastPInvokeError()))
            return;

        Require(file >= 0);
        try
        {
            // An access and an open file, packed.
            Require(WithMemory(sizeof(ulong) + sizeof(int), memory =>
            {
                Marshal.WriteInt64(memory, (long)access);
                Marshal.WriteInt32(memory, sizeof(ulong), file);
                return Call(AddRule, ruleset, BeneathPath, memory, 0);
            }) == 0);
        }
        finally
        {
            _ = Close(file);
        }
    }

    private static void Require(bool isDone)
    {
        if (!isDone)
            throw new InvalidOperationException($"The files of a program could not be limited: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    private static nint WithMemory(int bytes, Func<nint, nint> use)
    {
        var memory = Marshal.AllocHGlobal(bytes);
        try
        {
            return use(memory);
        }
        finally
        {
            Marshal.FreeHGlobal(memory);
        }
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Call(nint number, nint first, nint second, nint third, nint fourth);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int file);
}

using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Streaming.Media;

/// <summary>
/// Starts a program that can open no socket, trace nothing and read no other process's memory, wherever Linux has seccomp, in containers too; and no
/// files but those it is given, where it has Landlock. Both are kept by a thread and inherited by whatever it starts: so a thread of its own takes
/// them, starts the program, and ends.
/// </summary>
internal static class SocketFilter
{
    private const int SetNoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const nuint FilterMode = 2;

    private const ushort Load = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfNotLess = 0x35;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7FFF_0000;
    private const uint KillProcess = 0x8000_0000;
    private const uint Refuse = 0x0005_0000 | AccessDenied;
    private const uint AccessDenied = 13;
    private const int InstructionBytes = 8;

    // Above are calls of another form of the same system, which could do the same unseen.
    private const uint OtherForm = 0x4000_0000;

    /// <summary>Whether the last program that was started has it.</summary>
    public static bool IsInForce { get; private set; }

    /// <param name="files">Null for all that this program's user may open.</param>
    /// <exception cref="InvalidOperationException">The program was not started, since it could have opened other files.</exception>
    public static Task<Process?> StartAsync(ProcessStartInfo start, ReachableFiles? files) => Task.Run(() =>
    {
        Process? started = null;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                IsInForce = OperatingSystem.IsLinux() && Install();
                if (files is not null)
                    FileFilter.Install(files);

                started = Process.Start(start);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
            Name = "bounded program",
        };
        thread.Start();
        // Waited for, since it must give the thread pool nothing to do: for that the pool may start a thread, from this one and with its filters,
        // on which no connection could be opened afterwards.
        thread.Join();
        failure?.Throw();
        return started;
    });

    private static bool Install()
    {
        // The system's own number of this architecture, and of its calls: socket, connect, io_uring_setup, ptrace, process_vm_readv and _writev.
        (uint Architecture, uint[] Calls)? system = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => (0xC000_003E, [41, 42, 425, 101, 310, 311]),
            Architecture.Arm64 => (0xC000_00B7, [198, 203, 425, 117, 270, 271]),
            _ => null,
        };
        if (system is not { } known)
            return false;

        List<(ushort Code, byte IfTrue, byte IfFalse, uint Value)> filter =
        [
            (Load, 0, 0, 4),
            (JumpIfEqual, 1, 0, known.Architecture),
            (Return, 0, 0, KillProcess),
            (Load, 0, 0, 0),
            (JumpIfNotLess, (byte)(known.Calls.Length + 1), 0, OtherForm),
        ];
        for (var i = 0; i < known.Calls.Length; i++)
            filter.Add((JumpIfEqual, (byte)(known.Calls.Length - i), 0, known.Calls[i]));

        filter.Add((Return, 0, 0, Allow));
        filter.Add((Return, 0, 0, Refuse));

        var instructions = Marshal.AllocHGlobal(filter.Count * InstructionBytes);
        var program = Marshal.AllocHGlobal(2 * nint.Size);
        try
        {
            for (var i = 0; i < filter.Count; i++)
            {
                var at = instructions + (i * InstructionBytes);
                Marshal.WriteInt16(at, (short)filter[i].Code);
                Marshal.WriteByte(at, 2, filter[i].IfTrue);
                Marshal.WriteByte(at, 3, filter[i].IfFalse);
                Marshal.WriteInt32(at, 4, unchecked((int)filter[i].Value));
            }

            Marshal.WriteIntPtr(program, 0);
            Marshal.WriteInt16(program, (short)filter.Count);
            Marshal.WriteIntPtr(program, nint.Size, instructions);
            return Prctl(SetNoNewPrivileges, 1, 0, 0, 0) == 0 && Prctl(SetSeccomp, FilterMode, (nuint)program, 0, 0) == 0;
        }
        finally
        {
            Marshal.FreeHGlobal(program);
            Marshal.FreeHGlobal(instructions);
        }
    }

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);
}

using System.Runtime.InteropServices;

namespace Streaming.Silo.Commands;

/// <summary>The command line of a program: settings, <c>--Key=value</c>, and before them perhaps a command with its words.</summary>
/// <param name="program">Its name, for messages.</param>
public sealed class CommandLine(string program, IReadOnlyList<ProgramCommand> commands)
{
    private const string CheckOption = "--" + CheckConfig.Name;

    /// <param name="serve">What it does without a command.</param>
    /// <exception cref="StartupException">It says nothing that the program can do.</exception>
    public async Task RunAsync(string[] args, Func<Task> serve)
    {
        if (args is ["help" or "--help" or "-h" or "-?", ..])
        {
            Console.WriteLine(Usage());
            return;
        }

        if (args.Contains(CheckOption))
            args = [CheckConfig.Name, .. args.Where(word => word != CheckOption)];

        var command = args is [var first, ..] && !IsSetting(first)
            ? commands.FirstOrDefault(known => known.Name == first) ?? throw Unknown(first)
            : null;
        var (words, settings) = Split(command is null ? args : args[1..]);
        if (words.Length != (command?.Words.Length ?? 0))
            throw command is null ? Unknown(words[0]) : new StartupException($"Usage: {program} {command.Usage} [--Key=value …]");

        if (command is null)
            await serve();
        else if (command.IsStopped)
            await RunUntilStoppedAsync(command, new CommandArguments(words, settings));
        else
            await command.Run(new CommandArguments(words, settings), CancellationToken.None);
    }

    private static async Task RunUntilStoppedAsync(ProgramCommand command, CommandArguments arguments)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            await command.Run(arguments, stop.Token);
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested)
        {
            throw new StartupException($"{command.Name} was told to stop before it was done.", e);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static bool IsSetting(string word) => word.StartsWith("--", StringComparison.Ordinal) || word.Contains('=', StringComparison.Ordinal);

    /// <summary>A key without <c>=</c> takes the word after it for its value, as the configuration does.</summary>
    private static (string[] Words, string[] Settings) Split(string[] args)
    {
        var (words, settings) = (new List<string>(), new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            var isSetting = IsSetting(args[i]);
            (isSetting ? settings : words).Add(args[i]);
            if (isSetting && !args[i].Contains('=', StringComparison.Ordinal) && i + 1 < args.Length)
                settings.Add(args[++i]);
        }

        return ([.. words], [.. settings]);
    }

    private StartupException Unknown(string word) => new(
        $"'{word}' is no command of {program} and no setting. Commands: {string.Join(", ", commands.Select(command => command.Usage))}. Settings: --Key=value. {program} help tells more.");

    private string Usage()
    {
        var width = commands.Max(command => command.Usage.Length);
        return string.Join(Environment.NewLine,
        [
            $"{program} [COMMAND] [--Key=value …]",
            "",
            "Without a command it serves. Settings: docs/configuration.md; also from the environment, as Key__Of__It=value.",
            "",
            .. commands.Select(command => $"  {command.Usage.PadRight(width)}  {command.Summary}"),
        ]);
    }
}

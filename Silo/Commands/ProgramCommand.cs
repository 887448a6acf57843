namespace Streaming.Silo.Commands;

/// <summary>What a program does instead of serving.</summary>
/// <param name="Words">What follows its name, for messages, such as <c>DIR</c>.</param>
/// <param name="Run">Gets these words and the settings of the command line.</param>
/// <param name="IsStopped">By its token, when the process is told to end; otherwise it sees to that itself.</param>
public sealed record ProgramCommand(string Name, string[] Words, string Summary, Func<CommandArguments, CancellationToken, Task> Run, bool IsStopped = true)
{
    public string Usage => string.Join(' ', Words.Prepend(Name));
}

/// <param name="Settings">As the configuration reads them.</param>
public sealed record CommandArguments(string[] Words, string[] Settings);

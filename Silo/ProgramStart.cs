namespace Streaming.Silo;

/// <summary>
/// Whether the program runs: its start is over, and no stop has begun. Before and after Orleans is heard only where somebody asked for it by
/// a log level of its own: each step of a start that fails or is stopped would be told with a stack, where the program tells it in one
/// line; and so would each message that a stop overtakes, though what it loses is nothing that was acknowledged.
/// </summary>
internal sealed class ProgramStart
{
    private static readonly (string Category, LogLevel Level)[] Heard =
        [("Orleans", LogLevel.Warning), ("Orleans.Runtime.Silo", LogLevel.Error), ("Polly", LogLevel.Warning)];

    private volatile bool isRunning;

    public void Ran() => isRunning = true;

    public void Stops() => isRunning = false;

    public void Quieten(WebApplicationBuilder builder)
    {
        foreach (var (category, level) in Heard)
        {
            if (builder.Configuration[$"Logging:LogLevel:{category}"] is null)
                builder.Logging.AddFilter(category, actual => actual >= (isRunning ? level : LogLevel.Critical));
        }
    }
}

namespace Streaming.Silo;

/// <summary>
/// Whether the program's start is over. Until then Orleans is heard only where somebody asked for it by a log level of its own:
/// a start that fails or is stopped would be told with a stack by each step of it, and the program tells it in one line.
/// </summary>
internal sealed class ProgramStart
{
    private static readonly (string Category, LogLevel Level)[] Heard = [("Orleans", LogLevel.Warning), ("Orleans.Runtime.Silo", LogLevel.Error)];

    private volatile bool isOver;

    public bool IsOver => isOver;

    public void End() => isOver = true;

    public void Quieten(WebApplicationBuilder builder)
    {
        foreach (var (category, level) in Heard)
        {
            if (builder.Configuration[$"Logging:LogLevel:{category}"] is null)
                builder.Logging.AddFilter(category, actual => actual >= (isOver ? level : LogLevel.Critical));
        }
    }
}

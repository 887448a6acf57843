namespace Streaming.Benchmarks.Servers;

/// <summary>The last lines that a process wrote, kept for the moment it fails.</summary>
internal sealed class OutputTail
{
    private const int Capacity = 50;
    private readonly Queue<string> _lines = new();

    public void Add(string? line)
    {
        if (line is null)
            return;

        lock (_lines)
        {
            if (_lines.Count == Capacity)
                _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (_lines)
            return string.Join(Environment.NewLine, _lines);
    }
}

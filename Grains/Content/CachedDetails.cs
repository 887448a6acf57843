namespace Streaming.Content;

/// <summary>A title's details while there is room for them.</summary>
internal sealed class CachedDetails(DetailsRendering rendering)
{
    private volatile DetailsRendering? value = rendering;
    private volatile bool used;

    /// <summary>Null when they had to go.</summary>
    public DetailsRendering? Take()
    {
        used = true;
        return value;
    }

    /// <summary>Whether they were asked for since the last call.</summary>
    public bool WasUsed()
    {
        var was = used;
        used = false;
        return was;
    }

    public void Drop() => value = null;
}

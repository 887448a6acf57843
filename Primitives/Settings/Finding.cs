namespace Streaming;

public enum FindingState
{
    Ok,

    /// <summary>The program starts and lacks something.</summary>
    Warning,

    Failed,
}

/// <summary>What a look at something that a program uses has found.</summary>
/// <param name="Where">Without secrets.</param>
/// <param name="Detail">What it is; where it does not work, why, and what to do.</param>
public sealed record Finding(string Name, string Where, FindingState State, string Detail);

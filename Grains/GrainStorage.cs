namespace Streaming;

/// <summary>Names of the Orleans storages that grains ask for; what has no name goes to the default one.</summary>
public static class GrainStorage
{
    /// <summary>May be lost at any time: Redis where there is one.</summary>
    public const string Presence = "presence";
}

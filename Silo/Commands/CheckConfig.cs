namespace Streaming.Silo.Commands;

internal static class CheckConfig
{
    public const string Name = "check-config";
}

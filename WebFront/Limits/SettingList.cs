namespace Streaming.WebFront.Limits;

internal static class SettingList
{
    private static readonly char[] Separators = [',', ';', ' '];

    /// <summary>A list in configuration, an array or one text with commas, which is easier to set in an environment variable.</summary>
    public static string[] GetList(this IConfiguration configuration, string key)
    {
        var section = configuration.GetSection(key);
        return
        [
            .. (section.Value ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            .. section.GetChildren().Select(entry => entry.Value ?? ""),
        ];
    }
}

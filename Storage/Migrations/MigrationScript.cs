using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Streaming.Storage.Migrations;

/// <summary>One numbered step of a schema: <c>sql/{folder}/{version}_{name}.sql</c>. Once released it never changes.</summary>
internal sealed partial record MigrationScript(int Version, string Name, string Text)
{
    private const int NumberLength = 3;

    /// <summary>The same for the file with line ends of any system.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\n"))));

    /// <summary>
    /// Programs that know the schema up to this version work with what this script leaves behind. It says so in a line
    /// <c>-- min-compatible: 14</c>; without one only programs that know the script do.
    /// </summary>
    public int MinCompatible => Declaration().Match(Text) is { Success: true } line ? int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : Version;

    /// <summary>The scripts of a folder below <c>sql/</c>, such as <c>sqlite/metadata</c> or <c>citus</c>, by number.</summary>
    public static IReadOnlyList<MigrationScript> In(string folder)
    {
        var prefix = $"sql/{folder}/";
        return
        [
            .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
                .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal) && !resource.AsSpan(prefix.Length).Contains('/'))
                .Select(resource => new MigrationScript(
                    int.Parse(resource.AsSpan(prefix.Length, NumberLength), CultureInfo.InvariantCulture), resource, Read(resource)))
                .OrderBy(script => script.Version),
        ];
    }

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"^-- min-compatible: (\d{1,6})\r?$", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}

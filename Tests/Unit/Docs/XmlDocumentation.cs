using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Streaming.Tests.Docs;

/// <summary>Summaries of the XML documentation that the compiler puts beside an assembly, as Markdown.</summary>
internal sealed partial class XmlDocumentation(Func<string, string?> nameOf)
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> members = [];

    public string SummaryOf(Type type) => Summary(type.Assembly, $"T:{Name(type)}");

    public string SummaryOf(MemberInfo member) =>
        Summary(member.Module.Assembly, $"{(member is PropertyInfo ? 'P' : 'F')}:{Name(member.DeclaringType!)}.{member.Name}");

    public static string Name(Type type) => type.FullName!.Replace('+', '.');

    /// <summary>Empty where there is none.</summary>
    private string Summary(Assembly assembly, string member)
    {
        if (!members.TryGetValue(assembly, out var all))
        {
            var file = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));
            members[assembly] = all = file.Descendants("member").ToDictionary(element => element.Attribute("name")!.Value);
        }

        return all.TryGetValue(member, out var found) && found.Element("summary") is { } summary ? Blanks().Replace(Text(summary), " ").Trim() : "";
    }

    private string Text(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => text.Value.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal),
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see when see.Attribute("cref")?.Value is { } member => $"`{nameOf(member) ?? member[(member.LastIndexOf('.') + 1)..]}`",
        XElement other => Text(other),
        _ => "",
    }));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}

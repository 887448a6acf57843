using Streaming.Tests.Http;

namespace Streaming.Tests.Docs;

public sealed class RoutesPageTests
{
    [Fact]
    public void Table_of_routes_is_what_the_programs_map()
    {
        var rows = RouteTable.All.Where(route => route.IsDocumented).Select(route => $"| `{route.Name}` | {route.Policy} |\n");

        Pages.AssertGenerated("docs/api.md", "routes", $"| route | who |\n| --- | --- |\n{string.Concat(rows)}", nameof(RoutesPageTests));
    }
}

using System.Text.RegularExpressions;

namespace SidecarAgent.Conventions.Tests;

/// <summary>Which way things point: architecture, held by the machine.</summary>
public sealed partial class DependencyTests
{
    [Theory]
    [InlineData("proto", "")]
    [InlineData("yaml", "")]
    [InlineData("agent", "proto yaml")]
    [InlineData("webhook", "yaml")]
    [InlineData("broker", "proto yaml")]
    public void A_project_knows_only_what_it_may(string project, string may)
    {
        var file = SourceTree.Projects.Single(candidate => Path.GetDirectoryName(candidate.Path) == project);
        var knows = Reference().Matches(file.Text).Select(match => match.Groups["project"].Value);
        Offenders.None(knows.Except(may.Split(' ')));
    }

    [Theory]
    [InlineData("broker/Storage/")]
    [InlineData("broker/Crypto/")]
    [InlineData("broker/Policy/")]
    [InlineData("agent/Files/")]
    [InlineData("agent/Rendering/")]
    [InlineData("agent/Templates/")]
    public void The_core_knows_no_wire(string folder) => Offenders.None(
        SourceTree.Product.Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal))
            .SelectMany(file => file.LinesWhere(line => line.StartsWith("using Grpc", StringComparison.Ordinal)
                || line.StartsWith("using SidecarAgent.V1", StringComparison.Ordinal))));

    [GeneratedRegex(@"<ProjectReference Include=""\.\./(?<project>\w+)/")]
    private static partial Regex Reference();
}

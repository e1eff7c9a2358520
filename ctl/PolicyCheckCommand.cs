using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;
using SidecarAgent.Yaml;

using PolicyLoss = SidecarAgent.V1.PolicyLoss;

namespace SidecarAgent.Ctl;

/// <summary><c>policy check DIR [--live]</c></summary>
internal static class PolicyCheckCommand
{
    /// <summary>What the broker takes, less what is around the text.</summary>
    private const int MaxSent = 880 * 1024;

    public static Command Create(Cli cli)
    {
        var directory = FileName.Argument("DIR", "A directory of policy files, as the broker's 'policies' names one.");
        var live = new Option<bool>("--live")
        {
            Description = "Ask the broker what the holders of live leases would lose if these policies were in force.",
        };
        var command = new Command("check", "Says everything that is wrong with policy files; they are not put in force.")
        {
            directory, live,
        };
        cli.AskBrokerIf(command, parsed => parsed.GetValue(live), async (parsed, broker, cancellation) =>
        {
            var name = parsed.GetRequiredValue(directory);
            try
            {
                var files = Read(name);
                var policies = PolicySet.Parse(files, LeaseOptions.Default);
                return broker is null
                    ? Good(name, policies.Count, files.Count)
                    : await CompareAsync(name, files, broker, cancellation);
            }
            catch (InvalidYamlException e)
            {
                return Bad(name, [.. e.Problems]);
            }
        });
        return command;
    }

    private static IReadOnlyList<PolicyFile> Read(string directory)
    {
        try
        {
            return PolicyDirectory.Read(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailedException.Usage($"the policies in {directory} cannot be read: {e.Message}");
        }
    }

    private static async Task<Answer> CompareAsync(
        string name, IReadOnlyList<PolicyFile> files, BrokerAdmin.BrokerAdminClient broker, CancellationToken cancellationToken)
    {
        var request = new CheckPoliciesRequest { Files = { files.Select(file => new PolicyText { Name = file.Name, Text = file.Text }) } };
        if (request.CalculateSize() > MaxSent)
        {
            throw CommandFailedException.Failed(
                $"the policies in {name} have {request.CalculateSize()} bytes; --live sends at most {MaxSent}; without it they are checked all the same");
        }

        var response = await broker.CheckPoliciesAsync(request, cancellationToken: cancellationToken);
        return response.Problems.Count > 0
            ? Bad(name, [.. response.Problems.Select(p => new YamlProblem(p.File, (long)p.Line, (long)p.Column, p.Message))])
            : Compared(name, files.Count, response);
    }

    private static Answer Good(string name, int policies, int files) => new(Document(true, policies, []))
    {
        Lines = [Sentence(name, policies, files)],
    };

    private static Answer Bad(string name, IReadOnlyList<YamlProblem> problems) => new(Document(false, 0, problems))
    {
        Lines = [.. problems.Select(problem => problem.ToString())],
        Failure = $"{Quantity.Of(problems.Count, "problem")} in the policies of {name}; "
            + "a broker that finds them so keeps those it has, and one that is started does not start",
    };

    private static Answer Compared(string name, int files, CheckPoliciesResponse response)
    {
        var document = Document(true, (int)response.Policies, []);
        document["leases"] = response.Leases;
        document["truncated"] = response.Truncated;
        document["losses"] = new JsonArray([.. response.Losses.Select(Document)]);
        return new Answer(document)
        {
            Lines =
            [
                Sentence(name, (int)response.Policies, files),
                $"{Quantity.Of((long)response.Leases, "live lease")} compared: " + (response.Losses.Count == 0
                    ? "nobody would lose anything"
                    : $"holders would lose{(response.Truncated ? ", among others" : "")}:"),
            ],
            Table = response.Losses.Count == 0 ? null : new Table(
                "", ["WORKLOAD", "PATH", "LOSES", "LEASES", "BECAUSE"],
                [.. response.Losses.Select(loss => (string[])
                [
                    Identities.Name(loss.Workload), loss.Path,
                    loss.Fields.Count == 0 ? "all of it" : string.Join(", ", loss.Fields),
                    loss.Leases.ToString(System.Globalization.CultureInfo.InvariantCulture), loss.Reason,
                ])]),
        };
    }

    private static string Sentence(string name, int policies, int files) =>
        $"{name}: {Quantity.Of(policies, "policy", "policies")} in {Quantity.Of(files, "file")}, nothing wrong";

    private static JsonObject Document(bool isValid, int policies, IReadOnlyList<YamlProblem> problems) => new()
    {
        ["valid"] = isValid,
        ["policies"] = policies,
        ["problems"] = new JsonArray([.. problems.Select(problem => new JsonObject
        {
            ["file"] = problem.File,
            ["line"] = problem.Line,
            ["column"] = problem.Column,
            ["message"] = problem.Message,
        })]),
    };

    private static JsonObject Document(PolicyLoss loss) => new()
    {
        ["workload"] = Identities.Document(loss.Workload),
        ["path"] = loss.Path,
        ["fields"] = new JsonArray([.. loss.Fields.Select(field => (JsonNode)field)]),
        ["leases"] = loss.Leases,
        ["reason"] = loss.Reason,
    };
}

using System.Diagnostics;
using SidecarAgent.Testing;

namespace SidecarAgent.Ctl.Tests;

/// <summary>The bash script runs in a real bash, against the program as it is built.</summary>
public sealed class CompletionCommandTests
{
    [Theory]
    [InlineData("sidecarctl rotat", "rotate", "rotation")]
    [InlineData("sidecarctl secret ", "activate", "delete", "destroy", "list", "put", "show", "undelete", "versions")]
    [InlineData("sidecarctl secret sh", "show")]
    [InlineData("sidecarctl cut-off l", "lift", "list")]
    [InlineData("sidecarctl secret list --output ", "json", "table", "yaml")]
    [InlineData("sidecarctl secret list --outp", "--output")]
    [InlineData("sidecarctl revoke --wor", "--workload")]
    [InlineData("sidecarctl completion f", "fish")]
    public async Task Bash_completes(string line, params string[] expected)
    {
        Assert.Equal(expected, (await CompleteInBashAsync(line)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _sidecarctl sidecarctl")]
    [InlineData("zsh", "compdef _sidecarctl sidecarctl")]
    [InlineData("fish", "complete --command sidecarctl")]
    public async Task Each_shell_gets_a_script_that_registers_itself(string shell, string registration)
    {
        Assert.Contains(registration, (await Operator.RunAsync(Operator.Bare(), "completion", shell)).MustSucceed().Output);
    }

    private static async Task<string[]> CompleteInBashAsync(string line)
    {
        using var directory = TempDirectory.Create();
        var completion = directory.Write(
            "completion.bash", (await Operator.RunAsync(Operator.Bare(), "completion", "bash")).MustSucceed().Output);
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, UseShellExecute = false };

        // What bash does at the tab key: it splits the line and calls the function that 'complete' registered.
        foreach (var argument in (string[])
        [
            "--norc", "-c",
            """
            set -eu
            source "$1"
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<< "$2"
            [[ $2 == *' ' ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            function=$(complete -p sidecarctl | sed 's/.*-F \([^ ]*\).*/\1/')
            $function
            printf '%s\n' "${COMPREPLY[@]}"
            """,
            "bash", completion, line,
        ])
            start.ArgumentList.Add(argument);
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}";

        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Equal(0, bash.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

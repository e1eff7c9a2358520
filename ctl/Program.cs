using SidecarAgent.Ctl;

return await CommandLine.RunAsync(args, Surroundings.OfThisProcess(), Console.Out, Console.Error);

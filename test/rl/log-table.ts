// A log of episodes as a table.

export const header = 'episode,step,observation_0,action,reward,terminated,truncated'

/** Two episodes: one terminates, one is truncated. */
export const twoEpisodes = `${header}
a,0,0.5,1,2,0,0
a,1,1.5,0,4,true,False
b,0,2.5,1,1,0,0
b,1,3.5,1,1,0,1
b,2,4.5,,,,
`
